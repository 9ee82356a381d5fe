using System.Buffers;
using System.Text;
using EdgeGate.Devices.Portals;
using FsCheck;
using FsCheck.Fluent;

namespace EdgeGate.Devices.Tests.Portals;

public sealed class TextTemplateTests
{
    private static string Filled(string template, string credential) =>
        Encoding.UTF8.GetString(TextTemplate.Parse(template).Fill(credential).Span);

    [Theory]
    [InlineData(@"OPEN {credential}\n", "OPEN 42\n")]
    [InlineData(@"{credential}\r\n", "42\r\n")]
    [InlineData("OPEN {credential}\n", "OPEN 42\n")] // JSON has already made a line feed of \n
    [InlineData(@"\x02O\t\\\x7b{credential}\x03", "\x02O\t\\{42\x03")]
    [InlineData(@"开门 😀 {credential};", "开门 😀 42;")]
    [InlineData(@"O\n", "O\n")]
    public void The_credential_and_the_escapes_are_filled_in(string template, string expected) =>
        Assert.Equal(expected, Filled(template, "42"));

    [Fact]
    public void An_escaped_byte_is_one_byte() => Assert.Equal([0xFF, 0x00], TextTemplate.Parse(@"\xFF\x00").Fill("").ToArray());

    [Theory]
    [InlineData("", "1 to 256 characters")]
    [InlineData("OPEN {credential}", "something must follow {credential}")]
    [InlineData("OPEN {card}\n", "character 6: the only thing in braces is {credential}")]
    [InlineData("{credential} {credential}\n", "character 14")]
    [InlineData("OPEN }\n", "character 6")]
    [InlineData(@"OPEN\q", @"character 5: after a backslash comes n, r, t")]
    [InlineData(@"OPEN\", "character 5")]
    [InlineData(@"OPEN\x0", "character 5")]
    [InlineData(@"OPEN\xZZ", "character 5")]
    public void A_wrong_template_is_refused_with_what_and_where(string template, string explanation)
    {
        var refused = Assert.Throws<FormatException>(() => TextTemplate.Parse(template));
        Assert.Contains(explanation, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1\nOPEN 2", "OPEN 1OPEN 2\n")]
    [InlineData("1\r\n\0\x7F", "OPEN 1\n")]
    public void A_credential_cannot_end_the_command_and_begin_another(string credential, string expected) =>
        Assert.Equal(expected, Filled(@"OPEN {credential}\n", credential));

    [Fact]
    public void A_credential_loses_the_character_that_ends_it() => Assert.Equal("O1 O2;", Filled("O{credential};", "1; O2"));

    [Fact]
    public void A_very_long_credential_is_cut() => Assert.Equal(129, Filled(@"{credential}\n", new string('7', 5000)).Length);

    [Fact]
    public void Whatever_the_credential_the_portal_hears_exactly_one_command()
    {
        var template = TextTemplate.Parse(@"OPEN {credential}\r\n");
        Prop.ForAll<string>(credential =>
        {
            var command = template.Fill(credential ?? "").Span;
            return template.Match(command, out _, out var length) is OperationStatus.Done && length == command.Length;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Any_text_is_a_template_or_is_refused_in_words() =>
        Prop.ForAll<string>(text =>
        {
            try
            {
                return TextTemplate.Parse(text ?? "").Fill("42").Length >= 0;
            }
            catch (FormatException refused)
            {
                return refused.Message.Length > 0;
            }
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_closing_text_with_a_credential_is_refused() =>
        Assert.Throws<FormatException>(() => new TextCommands(TextTemplate.Parse("O"), TextTemplate.Parse(@"CLOSE {credential}\n")));
}
