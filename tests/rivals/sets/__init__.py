"""Makers of labelled sets that are harder than the ones given: `python -m tests.rivals.sets`.

Each maker writes one folder of records.jsonl and queries.jsonl, in the shape Discoverer's evaluation reads, from data
laid beside the project or published on PyPI; nothing they make is committed. They are seeded: the same set each time.
"""
