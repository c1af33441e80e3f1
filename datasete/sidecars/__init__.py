"""What lies beside pictures: which files are pictures, captions, masks or litter, and what a caption says."""
