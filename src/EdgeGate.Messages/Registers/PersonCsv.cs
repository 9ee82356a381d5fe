using System.Collections.Frozen;
using EdgeGate.Access;
using EdgeGate.Access.Registers;
using EdgeGate.Messages.Privacy;

namespace EdgeGate.Messages.Registers;

/// <summary>What is wrong with a line. Never says what stands there: it may be somebody's number.</summary>
/// <param name="Line">0 for the file as a whole.</param>
public sealed record CsvFault(int Line, string Text)
{
    public override string ToString() => Line == 0 ? Text : $"line {Line}: {Text}";
}

/// <summary>A file's persons, or everything that is wrong with it.</summary>
/// <param name="Lines">Where each person stands in the file.</param>
public sealed record CsvPersons(IReadOnlyList<RegisterEntry> Entries, IReadOnlyDictionary<PersonKey, int> Lines, IReadOnlyList<CsvFault> Faults);

/// <summary>What a center keeps of a person beside what gates may know, sealed by its own key; no gate is ever given it.</summary>
/// <param name="Name">In full.</param>
public sealed record PersonDetails(string Name, string Phone);

/// <summary>
/// Lists of persons as tables. On entry an ID number becomes a key and a name is masked, line by line, so that a gate never writes either
/// anywhere. The columns, in any order, in English or Chinese: who (one of id, code, person), name, unit, status, tags, gates, schedule, from, until;
/// and phone for who keeps details.
/// </summary>
public static class PersonCsv
{
    private const int LongestUnit = 60, LongestTerms = 1000, LongestDetail = 64;
    private const string Phone = "phone";
    private const string RoundedByExcel = "Excel has rounded the ID number, its last digits are lost: format the column as text and enter the numbers again";
    private static readonly char[] Separators = [' ', '|', '、', '，', '；'];

    private static readonly FrozenDictionary<string, string> Columns = Meanings(
        ("id", "id id_number 身份证号 身份证 身份证号码 证件号码 公民身份号码"),
        ("code", "code 卡号 通行码"),
        ("person", "person 人员密钥"),
        ("name", "name 姓名"),
        (Phone, "phone 电话 手机 手机号 联系电话"),
        ("unit", "unit 房号 住址 楼栋 单元"),
        ("status", "status 类别 身份 人员类别"),
        ("tags", "tags 标签 标记"),
        ("gates", "gates 通行口 门岗"),
        ("schedule", "schedule 时段 班次"),
        ("from", "from 开始日期 生效日期"),
        ("until", "until 截止日期 失效日期"));

    private static readonly FrozenDictionary<string, string> Statuses = Meanings(
        ("resident", "居民 业主"),
        ("visitor", "访客"),
        ("staff", "工作人员 职工"),
        ("teacher", "教师"),
        ("pupil", "学生"),
        ("elderly", "老人"),
        ("child", "儿童"),
        ("infirm", "行动不便"),
        ("delivery", "快递"),
        ("candidate", "考生"));

    /// <param name="ignored">Headings of columns that are passed over.</param>
    /// <param name="keep">Is given the full name and telephone number of each person; null where nobody may keep them, and then a column of telephone numbers is refused.</param>
    public static CsvPersons Read(ReadOnlySpan<byte> file, PersonKeys keys, IReadOnlyCollection<string> ignored, Action<PersonKey, PersonDetails>? keep = null)
    {
        IReadOnlyList<CsvRow> rows;
        try
        {
            rows = CsvText.Read(file);
        }
        catch (FormatException unreadable)
        {
            return OnlyFaults([new CsvFault(0, unreadable.Message)]);
        }
        if (rows.Count == 0)
            return OnlyFaults([new CsvFault(0, "the file is empty")]);
        var faults = new List<CsvFault>();
        var columns = ColumnsOf(rows[0], ignored, keepsDetails: keep is not null, faults);
        if (faults.Count > 0)
            return OnlyFaults(faults);
        var (entries, lines) = (new List<RegisterEntry>(rows.Count), new Dictionary<PersonKey, int>(rows.Count));
        var terms = new Dictionary<PersonTerms, PersonTerms>(); // one for all who have the same
        foreach (var row in rows.Skip(1))
        {
            var before = faults.Count;
            var line = new LineReader(row, rows[0].Fields.Count, columns, faults);
            var (entry, details) = (line.Read(keys), line.ReadDetails());
            if (faults.Count > before)
                continue;
            keep?.Invoke(entry.Person, details);
            if (!lines.TryAdd(entry.Person, row.Line))
                faults.Add(new CsvFault(row.Line, $"is the same person as line {lines[entry.Person]}"));
            if (!terms.TryGetValue(entry.Terms, out var shared))
                terms.Add(entry.Terms, shared = entry.Terms);
            entries.Add(entry with { Terms = shared });
        }
        return faults.Count > 0 ? OnlyFaults(faults) : new CsvPersons(entries, lines, []);
    }

    /// <summary>UTF-8 with a byte order mark, which Excel wants; can be read again by <see cref="Read"/>, but for the numbers, which are not there any more.</summary>
    public static void Write(TextWriter to, IEnumerable<RegisterEntry> entries)
    {
        to.Write("\uFEFFperson,name,unit,status,tags,gates,schedule,from,until\r\n");
        foreach (var entry in entries)
        {
            var (from, until) = entry.Terms.Valid.ToString().Split("..") is [var first, var last] ? (first, last) : ("", "");
            to.Write(CsvLine.Join(
                entry.Person.ToString(), entry.MaskedName, entry.Unit, entry.Terms.Status, string.Join(' ', entry.Terms.Tags), string.Join(' ', entry.Terms.Gates), entry.Terms.Schedule, from, until) + "\r\n");
        }
    }

    private static FrozenDictionary<string, string> Meanings(params ReadOnlySpan<(string Meaning, string Words)> table)
    {
        var meanings = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (meaning, words) in table)
        {
            foreach (var word in words.Split(' '))
                meanings.Add(word, meaning);
        }
        return meanings.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
    }

    private static CsvPersons OnlyFaults(IReadOnlyList<CsvFault> faults) => new([], new Dictionary<PersonKey, int>(), faults);

    private static Dictionary<string, int> ColumnsOf(CsvRow head, IReadOnlyCollection<string> ignored, bool keepsDetails, List<CsvFault> faults)
    {
        var columns = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (index, heading) in head.Fields.Index())
        {
            if (heading.Length == 0 || ignored.Contains(heading))
                continue;
            if (!Columns.TryGetValue(heading, out var column) || (column == Phone && !keepsDetails))
                faults.Add(new CsvFault(head.Line, $"column {index + 1} has a heading that is not known; known are {string.Join(", ", Columns.Values.Distinct().Where(known => keepsDetails || known != Phone))}; or pass it over with --ignore"));
            else if (!columns.TryAdd(column, index))
                faults.Add(new CsvFault(head.Line, $"column {index + 1} means {column}, as column {columns[column] + 1} does"));
        }
        if (faults.Count == 0 && !columns.ContainsKey("id") && !columns.ContainsKey("code") && !columns.ContainsKey("person"))
            faults.Add(new CsvFault(head.Line, "no column says who: one of id (身份证号), code (卡号), person"));
        return columns;
    }

    private sealed class LineReader(CsvRow row, int width, Dictionary<string, int> columns, List<CsvFault> faults)
    {
        public RegisterEntry Read(PersonKeys keys)
        {
            if (row.Fields.Skip(width).Any(field => field.Length > 0))
                Fault($"has more fields than the {width} headings: quote a field that holds a comma");
            var person = Person(keys);
            var unit = Text("unit");
            if (unit.Length > LongestUnit || unit.Any(char.IsControl))
                Fault($"the unit must be at most {LongestUnit} characters in one line");
            if (!ValidPeriod.TryParse(Text("from"), Text("until"), out var valid))
                Fault("from and until must be dates such as 2022-03-01 or 2022-03-01 14:30, from before until");
            var status = Word("status", Statuses.GetValueOrDefault(Text("status"), Text("status")));
            var schedule = Word("schedule", Text("schedule"));
            var terms = new PersonTerms(status, valid, schedule.Length == 0 ? null : schedule, [.. Words("gates").Where(gate => gate.Length > 0)], Tags());
            if (terms.ToString().Length > LongestTerms)
                Fault("has too many tags or gates");
            return new RegisterEntry(person, MaskedName.Of(Text("name")) ?? "", unit, terms);
        }

        public PersonDetails ReadDetails()
        {
            var details = new PersonDetails(Text("name"), Text(Phone));
            if (details.Name.Length > LongestDetail || details.Phone.Length > LongestDetail)
                Fault($"name and phone must be at most {LongestDetail} characters");
            return details;
        }

        private PersonKey Person(PersonKeys keys)
        {
            var (id, code, key) = (Text("id"), Text("code"), Text("person"));
            if (((string[])[id, code, key]).Count(text => text.Length > 0) != 1)
                Fault("must say who in exactly one of the columns id, code, person");
            else if (code.Length > 0 ? code.Length > 64 || code.AsSpan().ContainsAnyExceptInRange('!', '~') : id.Length > 0 && IdFault(id) is not null)
                Fault(code.Length > 0 ? "the code must be 1 to 64 printable ASCII characters without spaces" : IdFault(id)!);
            else if (PersonKey.TryParse(id.Length > 0 ? keys.KeyOfIdNumber(id) : code.Length > 0 ? keys.KeyOf("code", code) : key, out var person))
                return person;
            else
                Fault("the person is not a key of 43 letters, digits, hyphens and underscores, as export writes it");
            return default;
        }

        private static string? IdFault(string id) => id switch
        {
            _ when CitizenNumber.TryParse(id, out var number) =>
                number.HasValidCheckDigit ? null : id.EndsWith("000", StringComparison.Ordinal) ? RoundedByExcel : "the check digit of the ID number is wrong: one of its digits is mistyped",
            [var first, '.', ..] when char.IsAsciiDigit(first) && id.Contains('E', StringComparison.OrdinalIgnoreCase) => RoundedByExcel,
            _ when id.Length == 15 && id[..3].All(char.IsAsciiLetterUpper) && id[3..].All(char.IsAsciiDigit) => null, // foreigners' cards of 2017
            _ => "the ID number must have 18 characters",
        };

        private List<PersonTag> Tags()
        {
            var tags = new List<PersonTag>();
            foreach (var written in Text("tags").Split(Separators, StringSplitOptions.RemoveEmptyEntries))
            {
                if (PersonTag.TryParse(written, out var tag))
                    tags.Add(tag);
                else
                    Fault("a tag must look like medicine or medicine@2022-03-01..2022-03-14");
            }
            return tags;
        }

        private IEnumerable<string> Words(string column) => Text(column).Split(Separators, StringSplitOptions.RemoveEmptyEntries).Select(word => Word(column, word));

        private string Word(string column, string word)
        {
            if (word.Length == 0 || ListWord.IsValid(word))
                return word;
            Fault($"{column} must be of lower-case letters, digits and hyphens, 32 at most");
            return "";
        }

        /// <summary>Excel keeps a number as text behind an apostrophe, or as the formula ="…".</summary>
        private string Text(string column)
        {
            if (!columns.TryGetValue(column, out var index) || index >= row.Fields.Count)
                return "";
            var text = row.Fields[index];
            if (text.StartsWith("=\"", StringComparison.Ordinal) && text.EndsWith('"') && text.Length > 2)
                text = text[2..^1];
            return text.TrimStart('\'').Trim();
        }

        private void Fault(string text) => faults.Add(new CsvFault(row.Line, text));
    }
}
