"""How a region is called on pages."""

_WRITTEN = {"pl-malopolska": "Małopolska"}
"""Names that their ids cannot spell."""


def region_name(region: str) -> str:
    """'hr-koprivnica' → 'Koprivnica'."""
    return _WRITTEN.get(region) or region.partition("-")[2].replace("-", " ").title()
