"""Pictures of the code as Mermaid in Markdown, one module each; every module has `page() -> str`."""
