-- Migration: 20250201090000_create_opportunity_pipeline_summary.down.sql
-- Description: Drop the pipeline summary, and with it its indexes and comments
-- Author: crm-seed
-- Date: 2025-02-01

DROP MATERIALIZED VIEW opportunity_pipeline_summary;
