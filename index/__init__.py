"""The index: keys, record store, engine, links, builds and their readers."""
