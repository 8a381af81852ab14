"""What people read about the warehouse: guides, glossary, models, checks and lineage, reached from one page."""
