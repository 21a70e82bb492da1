"""The JSON API: the one way in for the studio, the CLI and other programs."""
