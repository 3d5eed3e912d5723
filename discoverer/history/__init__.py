"""One history: dated entries, what is in force, who else is linked, who lived there when, of a person, place or number."""
