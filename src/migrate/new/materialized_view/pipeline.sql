,
  sum(amount) AS total_value,
  avg(probability) AS avg_probability,
  count(DISTINCT customer_organization_id) AS unique_customers
