"""Makes what no hand writes: entries of the registries, comparisons, links of the API."""
