"""What every HTTP source shares: one guarded session, interpretation of answers, paging, and rate limits."""
