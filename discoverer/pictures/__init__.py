"""A history as pictures, drawn as SVG on the server, each with its text twin."""
