namespace EdgeGate.Access;

/// <summary>What was found out about a health code that somebody showed. The encounter needs to know only which code, and when.</summary>
/// <param name="CodeId">The same for the same code; says nothing about its content.</param>
/// <param name="ShownAt">Time since boot when it was scanned; the answer of a provider comes later.</param>
public abstract record HealthCodeEvidence(string CodeId, TimeSpan ShownAt);
