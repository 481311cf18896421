"""The vocabulary of the graph as data: its terms, where its files lie, and the files that are made from others."""
