"""Policy as data: what is domestic abuse, which records tell of one event, who is a repeat or vulnerable victim."""
