#!/bin/sh
# Starts Keycloak with the realm of Triptych: `start.sh start --optimized`, or another command of kc.sh. The realm is imported when the
# database has none of its name. Idempotent.
#
# Keycloak puts the values of environment variables into the realm, and leaves the name of one that is missing as it stands in the
# file, in a secret too: everybody who has read the file would know it. So nothing starts before all are there.
set -eu

: "${TRIPTYCH_ORIGIN:?under which people reach the portal, such as https://grants.example.org}"
: "${TRIPTYCH_PROVIDER_SECRET:?of the portal at Keycloak: 32 letters, digits, - or _, at least}"
: "${TRIPTYCH_SMTP:?host:port of the mail server}"
: "${TRIPTYCH_MAIL_FROM:?sender of the mails}"

case $TRIPTYCH_PROVIDER_SECRET in
*[!A-Za-z0-9_-]*) echo "TRIPTYCH_PROVIDER_SECRET has other signs than letters, digits, - and _" >&2; exit 1 ;;
esac
if [ "${#TRIPTYCH_PROVIDER_SECRET}" -lt 32 ]; then
	echo "TRIPTYCH_PROVIDER_SECRET is shorter than 32 signs" >&2
	exit 1
fi

starttls=false tls=false login=false
case ${TRIPTYCH_SMTP_SECURITY:-starttls} in
starttls) starttls=true ;;
tls) tls=true ;;
none) ;; # on this machine only
*) echo "TRIPTYCH_SMTP_SECURITY is starttls, tls or none" >&2; exit 1 ;;
esac
if [ -n "${TRIPTYCH_SMTP_USER:-}" ]; then login=true; fi

export REALM_SMTP_HOST="${TRIPTYCH_SMTP%:*}" REALM_SMTP_PORT="${TRIPTYCH_SMTP##*:}"
export REALM_SMTP_STARTTLS=$starttls REALM_SMTP_TLS=$tls REALM_SMTP_LOGIN=$login
export TRIPTYCH_SMTP_USER="${TRIPTYCH_SMTP_USER:-}" TRIPTYCH_SMTP_PASSWORD="${TRIPTYCH_SMTP_PASSWORD:-}"

exec "${KEYCLOAK_HOME:-/opt/keycloak}/bin/kc.sh" "$@" --import-realm
