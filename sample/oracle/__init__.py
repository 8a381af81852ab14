"""What the warehouse must find, worked out source by source; none of it is the warehouse's own code."""
