-- Databricks notebook source
-- MAGIC %md
-- MAGIC # What broke, since when, and by what?
-- MAGIC Reads what an audit has left for it: `lastgood audit --findings FOLDER/findings.jsonl --changes FOLDER/changes.jsonl --json > FOLDER/audit.json`.
-- MAGIC Import this file as a notebook, say in the widget where the three files lie, and run all of it. It writes nothing.

-- COMMAND ----------

CREATE WIDGET TEXT folder DEFAULT '/Volumes/main/lastgood/results'

-- COMMAND ----------

CREATE OR REPLACE TEMPORARY VIEW audit AS SELECT * FROM json.`${folder}/audit.json`

-- COMMAND ----------

CREATE OR REPLACE TEMPORARY VIEW findings AS SELECT * FROM json.`${folder}/findings.jsonl`

-- COMMAND ----------

CREATE OR REPLACE TEMPORARY VIEW changes AS SELECT * FROM json.`${folder}/changes.jsonl`

-- COMMAND ----------

-- MAGIC %md
-- MAGIC ## Rules: only PASS is good

-- COMMAND ----------

SELECT rule.id, rule.dataset, rule.outcome, rule.severity, rule.examined, rule.violations,
       round(100 * try_divide(rule.violations, rule.examined), 3) AS percent, rule.reason
FROM (SELECT explode(rules) AS rule FROM audit)
ORDER BY rule.violations DESC, rule.id

-- COMMAND ----------

-- MAGIC %md
-- MAGIC ## Incidents: findings with one probable cause

-- COMMAND ----------

SELECT incident.id, incident.sentence, incident.records, incident.suspects, incident.`from`, incident.`to`, incident.unrecoverable
FROM (SELECT explode(incidents) AS incident FROM audit)
ORDER BY incident.records DESC

-- COMMAND ----------

-- MAGIC %md
-- MAGIC ## What became of which fields

-- COMMAND ----------

SELECT dataset, regexp_replace(field.path, '\\[[^\\]]*\\]', '[]') AS path, field.kind, field.class, count(*) AS changes
FROM (SELECT dataset, explode(fields) AS field FROM changes)
GROUP BY ALL
ORDER BY changes DESC
LIMIT 50

-- COMMAND ----------

-- MAGIC %md
-- MAGIC ## When the records that differ were last written
-- MAGIC A field of time that changed in many records is when they were written: shown as bars an hour, it shows the window.

-- COMMAND ----------

SELECT dataset, field.path, class, date_trunc('HOUR', try_cast(field.after AS TIMESTAMP)) AS hour, count(*) AS records
FROM (SELECT dataset, class, explode(fields) AS field FROM changes)
WHERE field.after RLIKE '^[0-9]{4}-[0-9]{2}-[0-9]{2}T' AND try_cast(field.after AS TIMESTAMP) IS NOT NULL
GROUP BY ALL
ORDER BY dataset, path, hour, class

-- COMMAND ----------

-- MAGIC %md
-- MAGIC ## Records to look at
-- MAGIC Next: `lastgood incident show i1`, `lastgood history DATASET KEY`, `lastgood restore plan --incident i1`.

-- COMMAND ----------

SELECT rule, dataset, to_json(key) AS key, path, severity, expected, reason
FROM findings
WHERE NOT preExisting AND NOT accepted
ORDER BY severity, rule, key
LIMIT 100
