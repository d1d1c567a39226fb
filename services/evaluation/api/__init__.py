"""The routes of evaluation, one file a noun."""
