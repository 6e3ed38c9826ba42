/** Two wheels, the clients' and the server's, and what they share. */
export function Logo({ className = "size-8" }: { readonly className?: string }) {
  return (
    <svg viewBox="0 0 32 32" className={className} aria-hidden="true">
      <circle cx="11.5" cy="16" r="8.5" fill="none" strokeWidth="4" stroke="var(--clients)" />
      <circle cx="20.5" cy="16" r="8.5" fill="none" strokeWidth="4" stroke="var(--teacher)" />
      <path d="M16 8.8a8.5 8.5 0 0 1 0 14.4" fill="none" strokeWidth="4" stroke="var(--clients)" />
      <rect x="14" y="14" width="4" height="4" fill="var(--ink)" />
    </svg>
  );
}
