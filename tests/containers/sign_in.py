"""`python -m tests.containers.sign_in ORIGIN PICTURE`: a person of the realm signs in through Keycloak, in Chromium."""

import sys

from playwright.sync_api import Page, expect, sync_playwright

from tests.support.browser import CHROMIUM

PERSON, NAME, PASSWORD = "applicant-1.koprivnica", "Demo Applicant 1 of Koprivnica", "demonstration"


def sign_in(page: Page, origin: str, picture: str) -> None:
    page.goto(f"{origin}/sign-in")
    page.get_by_label("Email", exact=True).fill(PERSON)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign In").click()
    page.wait_for_url(f"{origin}/**")
    page.goto(f"{origin}/account?language=en")
    page.screenshot(path=picture)
    expect(page.locator("body")).to_contain_text(NAME)


def main() -> None:
    origin, picture = sys.argv[1:]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_context(ignore_https_errors=True, locale="en").new_page()
        try:
            sign_in(page, origin, picture)
        except BaseException:
            page.screenshot(path=picture)
            sys.stderr.write(f"{page.url}\n")
            raise
        finally:
            browser.close()


if __name__ == "__main__":
    main()
