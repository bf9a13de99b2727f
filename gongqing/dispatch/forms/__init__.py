"""What is asked on the pages of appeals; what a value must be is checked by the actions."""
