"""What people meet: the studio, the JSON API, the command line and the launcher."""
