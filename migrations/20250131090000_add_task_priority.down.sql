-- Migration: 20250131090000_add_task_priority.down.sql
-- Description: Drop the priority of tasks, then its type
-- Author: crm-seed
-- Date: 2025-01-31

ALTER TABLE tasks
  DROP COLUMN priority;

DROP TYPE task_priority;
