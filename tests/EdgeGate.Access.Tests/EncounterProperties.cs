using System.Globalization;
using FsCheck;
using FsCheck.Fluent;

namespace EdgeGate.Access.Tests;

/// <summary>
/// Random crowds at one lane: shown, shown again, unreadable, measured, measured late, measured by nobody, with health codes that are
/// looked into for a while. Whatever they do, one stay at the thermometer and one health code count for one person at most, and every
/// presentation ends in exactly one request.
/// </summary>
public sealed class EncounterProperties
{
    public enum Act
    {
        Show,
        ShowAgain,
        ShowUnreadable,
        StepToThermometer,
        Measure,
        LateMeasure,
        ShowCode,
        ShowCodeAgain,
        Judge,
        JudgeLate,
        Wait,
    }

    /// <summary>Thousands in every test run; <c>./dev soak</c> makes it a hundred thousand.</summary>
    private static readonly int Stories = int.Parse(Environment.GetEnvironmentVariable("SOAK_STORIES") ?? "3000", CultureInfo.InvariantCulture);

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void Nobodys_evidence_counts_for_somebody_else_and_every_presentation_ends_in_one_request(bool temperature, bool healthCode) =>
        Prop.ForAll(
            ArbMap.Default.ArbFor<(Act Act, byte Person, ushort Milliseconds)[]>(),
            story =>
            {
                var crowd = new Crowd(new() { TemperatureRequired = temperature, HealthCodeRequired = healthCode });
                foreach (var (act, person, milliseconds) in story)
                    crowd.Do(act, person % 4, TimeSpan.FromMilliseconds(milliseconds % 4000));
                crowd.Finish();
                crowd.Check();
            }).Check(Config.QuickThrowOnFailure.WithMaxTest(Stories).WithEndSize(120));

    private sealed class Crowd(EncounterOptions options)
    {
        private readonly List<AccessRequest> _requests = [];
        private readonly List<Presentation> _presentations = [];
        private readonly List<object> _history = [];
        private readonly Dictionary<long, string> _episodeCountedFor = [];
        private Encounter _encounter = Encounter.Idle;
        private TimeSpan _now = TimeSpan.FromMinutes(1);
        private TemperatureEvidence? _late;
        private readonly Queue<Code> _lookedInto = [];
        private readonly List<Code> _shown = [];
        private int _atThermometer = -1;
        private long _episode;
        private TimeSpan _stayBegan;

        public void Do(Act act, int person, TimeSpan after)
        {
            _now += after;
            Feed(new EncounterInput.TimePassed(Clock));
            switch (act)
            {
                case Act.Show or Act.ShowAgain:
                    Present(new Credential.Code("测试" + person));
                    break;
                case Act.ShowUnreadable:
                    Present(new Credential.Unreadable("read-failed"));
                    break;
                case Act.ShowCode:
                    ShowCode($"{_shown.Count}");
                    break;
                case Act.ShowCodeAgain when _shown.Count > 0:
                    ShowCode(_shown[^1].CodeId);
                    break;
                case Act.Judge when _lookedInto.TryDequeue(out var first):
                    Feed(new EncounterInput.CodeJudged(first, Clock));
                    break;
                case Act.JudgeLate when _lookedInto.TryDequeue(out var late): // another is answered before it
                    _lookedInto.Enqueue(late);
                    break;
                case Act.StepToThermometer when _atThermometer != person:
                    _atThermometer = person;
                    (_episode, _stayBegan) = (_episode + 1, _now); // the thermometer saw the wall in between
                    break;
                case Act.Measure when _atThermometer >= 0:
                    Measure(MeasurementNow());
                    break;
                case Act.LateMeasure when _atThermometer >= 0:
                    if (_late is not null)
                        Measure(_late);
                    _late = MeasurementNow();
                    break;
            }
        }

        public void Finish()
        {
            _now += options.Window;
            Feed(new EncounterInput.TimePassed(Clock));
        }

        public void Check()
        {
            // Repeats of the credential in hand are no presentations of their own and were not counted.
            Assert.Equal(_presentations.Count, _requests.Count);
            Assert.Equal(_requests.Count, _requests.Select(request => request.Presentation).Distinct(ReferenceEqualityComparer.Instance).Count());
            foreach (var request in _requests.Where(request => request.Temperature is not null))
            {
                var holder = request.Presentation.Credential.Holder ?? "";
                var episode = request.Temperature!.Episode;
                Assert.Equal(holder, _episodeCountedFor.GetValueOrDefault(episode, holder));
                _episodeCountedFor[episode] = holder;
                var age = request.Presentation.Seen.SinceBoot - request.Temperature.At;
                Assert.True(age <= options.FreshFor, $"a temperature {age} old counted");
                Assert.DoesNotContain(_requests.TakeWhile(other => other != request), other =>
                    other.Presentation.Credential.Holder is { } somebody && somebody != holder && other.At.SinceBoot > request.Temperature.Began);
            }
            foreach (var request in _requests.Where(request => request.HealthCode is not null))
                CheckCode(request.Presentation, request.HealthCode!);
        }

        /// <summary>Of the times it was shown there is one such that from then until its holder was known, or the other way round, nobody else came.</summary>
        private void CheckCode(Presentation presentation, HealthCodeEvidence counted) =>
            Assert.Contains(_shown.Where(code => code.CodeId == counted.CodeId), code =>
            {
                var (from, to) = (IndexOf(presentation), IndexOf(code));
                return presentation.Seen.SinceBoot - code.ShownAt <= options.FreshFor
                    && !_history[Math.Min(from, to)..Math.Max(from, to)].OfType<Presentation>()
                        .Any(other => other.Credential.Holder is { } holder && holder != presentation.Credential.Holder);
            });

        private int IndexOf(object what) => _history.FindIndex(one => ReferenceEquals(one, what));

        private void ShowCode(string codeId)
        {
            var code = new Code(codeId, _now);
            _shown.Add(code);
            _history.Add(code);
            _lookedInto.Enqueue(code);
            Feed(new EncounterInput.CodeShown(codeId, _now));
        }

        private void Present(Credential credential)
        {
            var presentation = new Presentation("idcard-1", credential, Clock);
            _history.Add(presentation);
            var before = _encounter.Identity;
            var requestsBefore = _requests.Count;
            Feed(new EncounterInput.Presented(presentation));
            var taken = ReferenceEquals(_encounter.Identity, presentation)
                || _requests.Skip(requestsBefore).Any(request => ReferenceEquals(request.Presentation, presentation));
            if (taken)
                _presentations.Add(presentation);
            else
                Assert.Equal(before?.Credential.Holder, credential.Holder); // only a repeat may be passed over
        }

        private TemperatureEvidence MeasurementNow() =>
            new(new(3600 + _atThermometer), new(3600 + _atThermometer), new(2500), _episode, _stayBegan, _now);

        private void Measure(TemperatureEvidence measured) => Feed(new EncounterInput.Measured(measured, Clock));

        private void Feed(EncounterInput input)
        {
            var (next, request) = _encounter.Apply(input, options);
            _encounter = next;
            if (request is null)
                return;
            _requests.Add(request);
            Assert.True(request.Superseded || next.Phase is EncounterPhase.Deciding || request.Presentation.Credential is Credential.Unreadable);
            if (next.Phase is EncounterPhase.Deciding)
                Feed(new EncounterInput.DecisionMade(new AccessDecision([]), _now));
        }

        private sealed record Code(string CodeId, TimeSpan ShownAt) : HealthCodeEvidence(CodeId, ShownAt);

        private ClockReading Clock => new(DateTimeOffset.UnixEpoch + _now, _now, Guid.Empty, ClockGrade.Holdover);
    }
}
