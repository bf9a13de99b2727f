"""What the pages that look over everything ask for."""
