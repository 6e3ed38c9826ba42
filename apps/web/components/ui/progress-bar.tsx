type Props = {
  readonly label: string;
  /** 0-1. */
  readonly fraction: number;
  readonly tone?: "clients" | "teacher";
  readonly className?: string;
};

export function ProgressBar({ label, fraction, tone = "clients", className = "" }: Props) {
  const percent = Math.round(Math.min(1, Math.max(0, fraction)) * 100);
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuenow={percent}
      aria-valuemin={0}
      aria-valuemax={100}
      className={`h-1.5 overflow-hidden rounded-full bg-sunken ${className}`}
    >
      <div
        className={`h-full rounded-full transition-[width] duration-300 ${tone === "clients" ? "bg-clients" : "bg-teacher"}`}
        style={{ width: `${percent}%` }}
      />
    </div>
  );
}
