"""Who may open what: every route of the URLconf, for every role, in one table."""
