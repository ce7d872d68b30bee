import type { Story } from "./story.ts";
export const fuzz: Story = { name: "fuzz", says: "", run: () => Promise.resolve({ rows: {}, failures: [] }) };
