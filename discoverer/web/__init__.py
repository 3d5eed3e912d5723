"""Pages and API over HTTP: doors, no logic."""
