"""The history of a person, place or number: events, what is in force, who else is linked, who lived there when."""
