"""k-reciprocal re-ranking (Zhong et al. 2017, arXiv 1701.08398)."""
