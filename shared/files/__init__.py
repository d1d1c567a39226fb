"""Files that people give: what they are by their content, whether a scanner finds something, and where they are kept, encrypted."""
