"""The rivals: one script each, run in a virtual environment of its own, speaking files.

`python -m tests.rivals.tools.NAME RECORDS QUERIES FOLDER [WAY]` reads records.jsonl and queries.jsonl, and writes
results.jsonl and about.json into the folder (see exchange.py). The packages a tool needs, with their versions, stand in
NAME.txt beside its script.
"""
