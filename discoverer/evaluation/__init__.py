"""How good the search is, measured on labelled queries: the scoreboard of `discoverer evaluate`.

In reading order: labelled.py (a folder of records, queries and right answers), asking.py (every query asked and what
came of it), scores.py (the metrics), board.py (scores by group), scoreboard.py (as text), floors.py (figures that must
not fall), chart.py (as a page), run.py (all of it).
"""
