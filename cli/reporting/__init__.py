"""An evaluation run as a page: charts, tables, and every question with all its answers."""
