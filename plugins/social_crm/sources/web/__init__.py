"""What every HTTP source shares: one guarded session, what answers mean, paging, and rate limits."""
