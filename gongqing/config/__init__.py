"""The edge: settings, URLs, the one API, navigation and the command line.

Opens every door and imports everything below; nothing imports it.
"""
