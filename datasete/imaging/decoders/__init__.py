"""Decoding what Pillow reads wrongly or without complaint: some formats here, and others after a look at the file."""
