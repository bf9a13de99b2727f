"""What every page is made of: base templates, components, template tags, stylesheets, scripts, the offline shell.

It knows no word of the domain and no other package but `lib`: pages hand it what to show. Higher packages hang their
tabs and panels on a page through `slots`. `web` serves the three files that must stand at the site's root.
"""
