"""What the warehouse must find, computed source by source, without the warehouse's own code."""
