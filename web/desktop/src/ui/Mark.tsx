import { useWords } from '../i18n/index.js';

/** The name, with a cord from one jack to another. */
export function Mark() {
  const words = useWords();
  return (
    <span className="mark">
      <svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
        <rect width="32" height="32" rx="8" className="mark-back" />
        <g className="mark-cord">
          <circle cx="9.5" cy="10" r="3.2" />
          <circle cx="22.5" cy="22" r="3.2" />
          <path d="M9.5 13.2v3.3a5.5 5.5 0 0 0 5.5 5.5h4.3" />
        </g>
      </svg>
      <span className="mark-name">{words('app.name')}</span>
    </span>
  );
}
