declare module '../../db/tables.ts' {
  interface StateTables {
    project_tools: ProjectToolsTable;
  }
}

/** A tool that agents of a project call. Policies about registered tools draw no warning about unknown names. */
export interface ProjectToolsTable {
  id: string;
  project_id: string;
  /** As rules and SDKs spell it; unique in the project. */
  name: string;
  description: string;
  /** JSON list of its methods, for people; any method of a registered tool is known. */
  methods: string;
  created_at: number;
  updated_at: number;
}
