"""The portrait of a quartier: first screen, five figures, what stands out, folded themes."""
