"""The figures the project is held to, measured afresh: run with `make figures AREA=...` and `make bench`."""
