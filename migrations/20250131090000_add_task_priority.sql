-- Migration: 20250131090000_add_task_priority.sql
-- Description: Priority of a task as an enum
-- Author: crm-seed
-- Date: 2025-01-31

-- Declared from most to least pressing, so ORDER BY priority puts urgent first.
CREATE TYPE task_priority AS ENUM ('urgent', 'high', 'medium', 'low');

ALTER TABLE tasks
  ADD COLUMN priority task_priority NOT NULL DEFAULT 'medium';
