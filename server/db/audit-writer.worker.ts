import { auditOperations } from './audit-operations.ts';
import { runAuditWriter } from './audit-writer-thread.ts';

runAuditWriter(auditOperations);
