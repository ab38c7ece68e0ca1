"""Makes what tests need, by the product's own commands where there are any."""
