"""The service: SPARQL, resolvable addresses, pages and downloads over one graph, by HTTP."""
