"""A mixed load with kills, and then: do live projections, log and archive say the same?

``python -m tests.bench.agreement`` (``make bench-agreement``) has several people talk at once in
every way there is, kills each consumer and the workers over and over meanwhile, and rebuilds both
projections from the log and from the archive. ``--pictures`` shows the dashboards with that in
them.
"""
