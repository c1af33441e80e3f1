"""What a batch walks: finding a folder, listing its files in an order, and keeping files of two loaders together."""
