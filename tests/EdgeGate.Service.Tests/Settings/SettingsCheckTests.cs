using EdgeGate.Service.Settings;
using static EdgeGate.Service.Tests.Settings.SmallSettings;

namespace EdgeGate.Service.Tests.Settings;

public class SettingsCheckTests
{
    [Theory]
    // keys
    [InlineData("\"broker\"", "\"brocker\"", "brocker (line 12) is not a setting; did you mean broker?")]
    [InlineData("\"site\": \"estate\",", "\"Site\": \"estate\",", "Site (line 2) is not a setting; did you mean site?")]
    [InlineData("\"host\": \"localhost\"", "\"host\": \"localhost\", \"password\": \"secret\"", "broker.password (line 12) is not a setting; did you mean passwordFile?")]
    [InlineData("\"rules\": {}", "\"rules\": { \"colour\": 1 }", "rules.colour (line 11) is not a setting; known here are idCard, credentialGroups, register, quarantine, watchLists, tags, homeRegions, schedule, zoneRisk, occupancy, antiPassback, listAges, priorityList, temperature, healthCode.")]
    [InlineData("\"rules\": {}", "\"rules\": { \"\": 1, \"id Card\\n\": 2 }", "rules.\"\" (line 11) is not a setting; known here are idCard, credentialGroups, register, quarantine, watchLists, tags, homeRegions, schedule, zoneRisk, occupancy, antiPassback, listAges, priorityList, temperature, healthCode.", "rules.\"id Card\\n\" (line 11) is not a setting; did you mean idCard?")]
    [InlineData("\"site\": \"estate\",", "\"site\": \"estate\", \"site\": \"other\",", "site (line 2) is given twice, first on line 2.")]
    [InlineData("\"kind\": \"lcus-1\"", "\"kind\": \"text\", \"channel\": 2", "lanes[0].portal.channel (line 10) is not a setting; known here are open, close, hold, release, port, usb, baud, pulse, whenJournalFails, id.")]
    // what is missing
    [InlineData("\"gate\": \"gate-1\",", "", "gate is missing. Short name of this gate, unique within the site; part of every topic and record.")]
    [InlineData("\"direction\": \"entry\",", "", "lanes[0].direction (line 5) is missing. Whether people come in or go out here.")]
    [InlineData("\"kind\": \"sam-v\", ", "", "lanes[0].readers[0].kind (line 7) is missing: one of sam-v, line-scanner, gm65, gm67, wedge, osdp, wiegand, handheld.")]
    // types
    [InlineData("\"host\": \"localhost\"", "\"host\": \"localhost\", \"port\": \"1883\"", "broker.port (line 12) must be a whole number, not \"1883\".")]
    [InlineData("\"host\": \"localhost\"", "\"host\": \"localhost\", \"port\": 1883.5", "broker.port (line 12) must be a whole number, not 1883.5.")]
    [InlineData("\"host\": \"localhost\"", "\"host\": null", "broker.host (line 12) must be text in double quotes, not null.")]
    [InlineData("{ \"host\": \"localhost\" }", "\"tcp://localhost\"", "broker (line 12) must be an object { … }, not \"tcp://localhost\".")]
    [InlineData("\"rules\": {}", "\"rules\": null", "rules (line 11) must be an object { … }, not null.")]
    [InlineData("\"direction\": \"entry\"", "\"direction\": \"entry\", \"evidence\": \"identity\"", "lanes[0].evidence (line 5) must be a list [ … ], not \"identity\".")]
    [InlineData("\"direction\": \"entry\"", "\"direction\": \"entry\", \"showTemperature\": \"yes\"", "lanes[0].showTemperature (line 5) must be true or false, not \"yes\".")]
    [InlineData("\"direction\": \"entry\"", "\"direction\": \"entry\", \"window\": 10", "lanes[0].window (line 5) must be a time span such as \"00:00:10\", not 10.")]
    [InlineData("\"rules\": {}", "\"rules\": { \"temperature\": { \"maxCelsius\": \"37.3\" } }", "rules.temperature.maxCelsius (line 11) must be a number, not \"37.3\".")]
    [InlineData("\"rules\": {}", "\"rules\": { \"credentialGroups\": [ { \"name\": \"a\", \"prefix\": \"A\", \"from\": \"7:30\", \"to\": \"09:00\" } ] }", "rules.credentialGroups[0].from (line 11) must be a time of day such as \"07:30\", not \"7:30\".")]
    [InlineData("\"direction\": \"entry\"", "\"direction\": \"in\"", "lanes[0].direction (line 5) must be one of entry, exit, not \"in\".")]
    [InlineData("\"direction\": \"entry\"", "\"direction\": \"Entry\"", "lanes[0].direction (line 5) must be one of entry, exit, not \"Entry\".")]
    [InlineData("\"direction\": \"entry\"", "\"direction\": \"entry, exit\"", "lanes[0].direction (line 5) must be one of entry, exit, not \"entry, exit\".")]
    [InlineData("\"direction\": \"entry\"", "\"direction\": \"entry\", \"evidence\": [\"identity\", null]", "lanes[0].evidence[1] (line 5) must be one of identity, temperature, health-code, not null.")]
    [InlineData("\"kind\": \"sam-v\"", "\"kind\": \"barcode\"", "lanes[0].readers[0].kind (line 7) must be one of sam-v, line-scanner, gm65, gm67, wedge, osdp, wiegand, handheld, not \"barcode\".")]
    // limits
    [InlineData("\"estate\"", "\"Estate 1\"", "site (line 2) must be 1 to 32 lower-case letters, digits or hyphens, beginning with a letter or digit, not \"Estate 1\".")]
    [InlineData("\"estate\"", "\"\"", "site (line 2) must be 1 to 32 lower-case letters, digits or hyphens, beginning with a letter or digit, not \"\".")]
    [InlineData("\"estate\"", "\"estate\\n\"", "site (line 2) must be 1 to 32 lower-case letters, digits or hyphens, beginning with a letter or digit, not \"estate\\n\".")]
    [InlineData("\"/var/lib/edgegate\"", "\"data\"", "dataDirectory (line 4) must be an absolute path, beginning with a slash, not \"data\".")]
    [InlineData("\"host\": \"localhost\"", "\"host\": \"localhost\", \"port\": 70000", "broker.port (line 12) must be from 1 to 65535, not 70000.")]
    [InlineData("\"host\": \"localhost\"", "\"host\": \"mqtt://localhost\"", "broker.host (line 12) must be a host name or IP address, without mqtt:// and without a port, not \"mqtt://localhost\".")]
    [InlineData("\"host\": \"localhost\"", "\"host\": \"localhost\", \"passwordFile\": \"secret\"", "broker.passwordFile (line 12) must be the absolute path of a file that holds the secret, not the secret itself.")]
    [InlineData("\"direction\": \"entry\"", "\"direction\": \"entry\", \"window\": \"00:05:00\"", "lanes[0].window (line 5) must be from 00:00:01 to 00:01:00, not \"00:05:00\".")]
    [InlineData("\"kind\": \"lcus-1\"", "\"kind\": \"lcus-1\", \"pulse\": \"00:00:00\"", "lanes[0].portal.pulse (line 10) must be from 00:00:00.1 to 00:00:10, not \"00:00:00\".")]
    [InlineData("\"kind\": \"gy-mcu90614\"", "\"kind\": \"gy-mcu90614\", \"surfaceOffset\": 1.1", "lanes[0].thermometer.surfaceOffset (line 9) must be from -1 to 1, not 1.1.")]
    [InlineData("\"gain\": 0.1", "\"gain\": 0.6", "lanes[0].thermometer.conversion.gain (line 9) must be from 0 to 0.5, not 0.6.")]
    [InlineData("\"gain\": 0.1", "\"gain\": 0.1, \"ambientTo\": 10", "lanes[0].thermometer.conversion.ambientFrom (line 9) leaves no surroundings in which anything could be decided: between 16.0 and 10 °C there is nothing.")]
    [InlineData("\"kind\": \"gy-mcu90614\", \"port\": \"/dev/serial/by-id/b\"", "\"kind\": \"mlx90614\", \"address\": \"5A\"", "lanes[0].thermometer.address (line 9) must be an I2C address from \"0x08\" to \"0x77\", not \"5A\".")]
    [InlineData("\"kind\": \"gy-mcu90614\", \"port\": \"/dev/serial/by-id/b\"", "\"kind\": \"mlx90614\", \"address\": \"0x5A\", \"bus\": \"/dev/i2c\"", "lanes[0].thermometer.bus (line 9) must be an I2C bus such as \"/dev/i2c-1\", not \"/dev/i2c\".")]
    [InlineData("\"kind\": \"gy-mcu90614\", \"port\": \"/dev/serial/by-id/b\"", "\"kind\": \"amg8833\", \"address\": \"0x69\"", "lanes[0].thermometer.kind (line 9) sees presence, not fever (steps of 0.25 °C, ±2.5 °C): take another thermometer, or temperature out of evidence.")]
    [InlineData("\"kind\": \"gy-mcu90614\"", "\"kind\": \"modbus\", \"surface\": 1", "lanes[0].thermometer.ambient (line 9) is missing. Register of the sensor's own temperature, counted from 0: without it nobody can say what a skin temperature means.")]
    [InlineData("\"kind\": \"lcus-1\", \"port\": \"/dev/serial/by-id/c\"", "\"kind\": \"gpio\", \"chip\": \"pinctrl-rp1\", \"unlock\": \"GPIO17\", \"doorContact\": { \"line\": \"GPIO17\" }", "lanes[0].portal.doorContact.line (line 10) must differ from lanes[0].portal.unlock: a line serves one thing.")]
    [InlineData("\"kind\": \"sam-v\", \"port\": \"/dev/serial/by-id/a\" }", "\"kind\": \"wiegand\", \"chip\": \"pinctrl-rp1\", \"data0\": \"GPIO5\", \"data1\": \"GPIO5\" }", "lanes[0].readers (line 6) read nothing that rules let in: resident ID cards need a sam-v, passes a line-scanner.", "lanes[0].readers[0].data1 (line 7) must differ from lanes[0].readers[0].data0: a line serves one thing.")]
    [InlineData("\"kind\": \"sam-v\", \"port\": \"/dev/serial/by-id/a\" }", "\"kind\": \"wiegand\", \"chip\": \"pinctrl-rp1\", \"data0\": \"GPIO5\" }", "lanes[0].readers[0].data1 (line 7) is missing. Line of the wire D1 (white).")]
    [InlineData("\"kind\": \"sam-v\", \"port\": \"/dev/serial/by-id/a\" }", "\"kind\": \"wiegand\", \"chip\": \"pinctrl-rp1\", \"data0\": \"GPIO5\", \"data1\": \"GPIO6\", \"format\": \"26\" }", "lanes[0].readers[0].format (line 7) must be one of any, h10301, h10306, not \"26\".")]
    [InlineData("\"kind\": \"lcus-1\", \"port\": \"/dev/serial/by-id/c\"", "\"kind\": \"gpio\", \"chip\": \"pinctrl-rp1\", \"unlock\": \"GPIO17\", \"drive\": \"level\"", "lanes[0].portal.drive (line 10) is level, which ends when somebody goes through: add passageSensor, or set pulse.")]
    [InlineData("\"kind\": \"lcus-1\", \"port\": \"/dev/serial/by-id/c\"", "\"kind\": \"gpio\", \"chip\": \"pinctrl-rp1\", \"unlock\": \"GPIO17\", \"close\": \"GPIO27\", \"lock\": \"fail-safe\"", "lanes[0].portal.lock (line 10) is fail-safe, which a drive that must be told to open and told to close cannot be: leave it out, or take close out.")]
    [InlineData("\"kind\": \"lcus-1\", \"port\": \"/dev/serial/by-id/c\"", "\"kind\": \"gpio\", \"chip\": \"pinctrl-rp1\", \"unlock\": \"GPIO17\", \"pulse\": \"00:00:09\"", "lanes[0].portal.passageWait (line 10) must not be shorter than pulse (00:00:09): somebody may go through as long as the portal is open.")]
    [InlineData("\"kind\": \"lcus-1\", \"port\": \"/dev/serial/by-id/c\"", "\"kind\": \"gpio\", \"chip\": \"pinctrl-rp1\", \"unlock\": \"GPIO17\", \"interlock\": \"airlock\"", "lanes[0].portal.interlock (line 10) names no other portal of this gate: only one alone cannot be linked.")]
    [InlineData("\"kind\": \"lcus-1\", \"port\": \"/dev/serial/by-id/c\"", "\"kind\": \"gpio\", \"chip\": \"pinctrl-rp1\", \"unlock\": \"GPIO17\", \"fireInput\": { \"line\": \"GPIO5\", \"active\": \"lowest\" }", "lanes[0].portal.fireInput.active (line 10) must be one of usual, high, low, not \"lowest\".")]
    [InlineData("\"rules\": {}", "\"rules\": {}, \"rounds\": { \"places\": [{ \"id\": \"a\", \"name\": \"A\" }, { \"id\": \"a\", \"name\": \"B\" }] }", "rounds.places[1].id (line 11) is the id of an earlier place: \"a\".")]
    [InlineData("\"rules\": {}", "\"rules\": {}, \"rounds\": { \"places\": [{ \"id\": \"a\", \"name\": \"A\", \"patrolEvery\": \"00:01:00\" }] }", "rounds.places[0].patrolEvery (line 11) must be from 00:05:00 to 31.00:00:00, not \"00:01:00\".")]
    [InlineData("\"rules\": {}", "\"rules\": {}, \"rounds\": { \"places\": [{ \"id\": \"a\", \"name\": \"\" }] }", "rounds.places[0].name (line 11) must be 1 to 40 characters long, not \"\".")]
    [InlineData("\"rules\": {}", "\"rules\": {}, \"deliveries\": { \"shelves\": [] }", "deliveries.shelves (line 11) must be a list of 1 to 100, not a list of 0.")]
    [InlineData("\"rules\": {}", "\"rules\": {}, \"deliveries\": { \"shelves\": [{ \"building\": \"3\" }, { \"building\": \"3\" }] }", "deliveries.shelves[1].building (line 11) has a shelf already: \"3\".")]
    [InlineData("\"rules\": {}", "\"rules\": {}, \"visitorPasses\": { \"keyFile\": \"/etc/edgegate/k.pem\" }", "healthCodes.passKeyFiles is empty, so this gate would not take the passes that visitorPasses makes: add the public half of visitorPasses.keyFile.")]
    [InlineData("\"kind\": \"sam-v\"", "\"kind\": \"sam-v\", \"baud\": 9601", "lanes[0].readers[0].baud (line 7) must be one of 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200, not 9601.")]
    [InlineData("\"kind\": \"lcus-1\"", "\"kind\": \"text\", \"open\": \"OPEN {credential}\"", "lanes[0].portal.open (line 10) cannot be used. \"OPEN {credential}\": something must follow {credential}, for example \\n, so that the portal knows where it ends.")]
    [InlineData("\"kind\": \"lcus-1\"", "\"kind\": \"text\", \"close\": \"SHUT {credential};\"", "lanes[0].portal.close (line 10) cannot be used. Only the opening text can contain {credential}: the others are also sent when the line is opened and nobody is there.")]
    [InlineData("\"kind\": \"lcus-1\"", "\"kind\": \"text\", \"hold\": \"STAY\"", "lanes[0].portal.release (line 10) is missing: what hold begins must be ended by a text, release or close.")]
    [InlineData("\"kind\": \"lcus-1\", \"port\": \"/dev/serial/by-id/c\" }", "\"kind\": \"text\", \"port\": \"/dev/serial/by-id/c\" }, \"modes\": [{ \"mode\": \"free\", \"schedule\": \"rush\" }]", "lanes[0].modes[0].mode (line 10) is free, which cannot be had: a portal of text needs a text for it: add hold.")]
    [InlineData("\"kind\": \"lcus-1\"", "\"kind\": \"text\", \"release\": \"END\"", "lanes[0].portal.hold (line 10) is missing: release ends what hold begins.")]
    [InlineData("\"kind\": \"lcus-1\"", "\"kind\": \"osdp\", \"address\": 1, \"doorContact\": { \"input\": 1 }, \"exitButton\": { \"input\": 1 }", "lanes[0].portal.exitButton.input (line 10) must differ from that of doorContact: both are 1.")]
    [InlineData("\"rules\": {}", "\"doorContacts\": [{ \"id\": \"door\", \"topic\": \"z/1\", \"payload\": \"ias-zone\" }, { \"id\": \"home\", \"topic\": \"z/1\", \"payload\": \"ws301\" }]", "doorContacts[0].id (line 11) must differ from that of lanes[0].portal: both are \"door\".", "doorContacts[1].topic (line 11) must differ from that of doorContacts[0]: a topic is one contact's.")]
    [InlineData("\"rules\": {}", "\"doorContacts\": [{ \"id\": \"home\", \"topic\": \"z/#\", \"payload\": \"zigbee2mqtt\" }]", "doorContacts[0].topic (line 11) must be 1 to 200 characters without + and #, not beginning with $, not \"z/#\".")]
    [InlineData("\"rules\": {}", "\"doorContacts\": [{ \"id\": \"home\", \"topic\": \"edgegate/v1/x\", \"payload\": \"zigbee2mqtt\", \"member\": \"data\" }]", "doorContacts[0].topic (line 11) is one of the gates' own.", "doorContacts[0].member (line 11) is for bytes inside a JSON message, and zigbee2mqtt sends none: leave it out.")]
    [InlineData("\"kind\": \"lcus-1\"", "\"kind\": \"text\", \"open\": \"OPEN {name}\"", "lanes[0].portal.open (line 10) must be 1 to 128 characters, with no braces but those of the placeholder {credential}, not \"OPEN {name}\".")]
    [InlineData("\"rules\": {}", "\"web\": { \"address\": \"http://gate.example:8080\" }", "web.address (line 11) must be an http URL on this machine itself, such as \"http://localhost:8080\" (access from elsewhere is for web.guardPost), not \"http://gate.example:8080\".")]
    [InlineData("\"rules\": {}", "\"commands\": { \"keys\": [{ \"id\": \"a\", \"publicKeyFile\": \"/a\", \"notAfter\": \"31.12.2026\" }] }", "commands.keys[0].notAfter (line 11) must be a date such as \"2026-12-31\", not \"31.12.2026\".")]
    [InlineData("\"rules\": {}", "\"commands\": { \"keys\": [{ \"id\": \"a\" }] }", "commands.keys[0].publicKeyFile (line 11) is missing. Its public half (PEM, curve P-256); \"edgegate command keygen\" makes a pair.")]
    // between settings
    [InlineData("\"rules\": {}", "\"commands\": { \"keys\": [{ \"id\": \"a\", \"publicKeyFile\": \"/a\" }, { \"id\": \"a\", \"publicKeyFile\": \"/b\" }] }", "commands.keys[1].id (line 11) is the id of an earlier key: \"a\".")]
    [InlineData("\"rules\": {}", "\"commands\": { \"keys\": [{ \"id\": \"a\", \"publicKeyFile\": \"/a\", \"notBefore\": \"2026-02-01\", \"notAfter\": \"2026-01-31\" }] }", "commands.keys[0].notAfter (line 11) must not be before notBefore (2026-02-01).")]
    [InlineData("\"direction\": \"entry\"", "\"direction\": \"entry\", \"evidence\": [\"temperature\"]", "lanes[0].evidence (line 5) must contain identity: the gate lets nobody pass whom it does not know.")]
    [InlineData("{ \"id\": \"id-card\", \"kind\": \"sam-v\", \"port\": \"/dev/serial/by-id/a\" },", "", "lanes[0].evidence (line 5) asks for identity, but there is no reader: add one to readers.")]
    [InlineData("\"thermometer\": { \"id\": \"forehead\", \"kind\": \"gy-mcu90614\", \"port\": \"/dev/serial/by-id/b\", \"conversion\": { \"gain\": 0.1 } },", "", "lanes[0].evidence (line 5) asks for temperature, but there is no thermometer: add one, or take temperature out.")]
    [InlineData("\"door\"", "\"id-card\"", "lanes[0].portal.id (line 10) must differ from that of lanes[0].readers[0]: both are \"id-card\".")]
    [InlineData("/by-id/b", "/by-id/../by-id//a", "lanes[0].thermometer.port (line 9) must differ from that of lanes[0].readers[0]: a serial port serves one device.")]
    [InlineData("\"kind\": \"sam-v\"", "\"kind\": \"gm65\", \"decoration\": { \"prefix\": \"12345678901234567\" }", "lanes[0].readers[0].decoration.prefix (line 7) must be up to 16 characters, not \"12345678901234567\".")]
    [InlineData("\"kind\": \"sam-v\"", "\"kind\": \"wedge\", \"baud\": 9600", "lanes[0].readers[0].baud (line 7) is not a setting; known here are port, usb, endsAtSilence, decoration, id.")]
    [InlineData("{ \"id\": \"id-card\",", "{ \"id\": \"a\", \"kind\": \"osdp\", \"port\": \"/dev/b485\", \"address\": 1 }, { \"id\": \"b\", \"kind\": \"osdp\", \"port\": \"/dev//b485\", \"address\": 1 }, { \"id\": \"id-card\",", "lanes[0].readers[1].address (line 7) must differ from that of lanes[0].readers[0]: both are 1.")]
    [InlineData("{ \"id\": \"id-card\",", "{ \"id\": \"a\", \"kind\": \"osdp\", \"port\": \"/dev/b485\", \"address\": 1 }, { \"id\": \"b\", \"kind\": \"osdp\", \"port\": \"/dev/b485\", \"address\": 2, \"baud\": 38400 }, { \"id\": \"id-card\",", "lanes[0].readers[1].baud (line 7) must be that of lanes[0].readers[0] (9600): a line has one speed.")]
    [InlineData("\"kind\": \"lcus-1\", \"port\": \"/dev/serial/by-id/c\"", "\"kind\": \"osdp\", \"port\": \"/dev/serial/by-id/a\", \"address\": 1", "lanes[0].portal.port (line 10) must differ from that of lanes[0].readers[0]: a serial port serves one device.")]
    // whose port it is
    [InlineData("\"kind\": \"sam-v\", \"port\": \"/dev/serial/by-id/a\"", "\"kind\": \"sam-v\"", "lanes[0].readers[0].port (line 7) or usb is needed: the name of its port, or the USB adapter it hangs on; devices list shows both.")]
    [InlineData("\"kind\": \"sam-v\"", "\"kind\": \"sam-v\", \"usb\": {}", "lanes[0].readers[0].usb (line 7) names nothing: give vendor and product, serialNumber, or path; devices list shows them.")]
    [InlineData("\"kind\": \"sam-v\"", "\"kind\": \"sam-v\", \"usb\": { \"vendor\": \"1A86\" }", "lanes[0].readers[0].usb.vendor (line 7) must be four digits of 0-9 and a-f, as devices list shows them, not \"1A86\".")]
    [InlineData("{ \"id\": \"id-card\", \"kind\": \"sam-v\", \"port\": \"/dev/serial/by-id/a\" },", "{ \"id\": \"a\", \"kind\": \"sam-v\", \"usb\": { \"vendor\": \"1a86\" } }, { \"id\": \"b\", \"kind\": \"sam-v\", \"usb\": { \"vendor\": \"1a86\", \"path\": \"c/1\" } },", "lanes[0].readers[1].usb (line 7) may find the adapter of lanes[0].readers[0]: give both a serialNumber, or a path where they have none.")]
    [InlineData("\"kind\": \"sam-v\"", "\"kind\": \"osdp\", \"address\": 127", "lanes[0].readers[0].address (line 7) must be from 0 to 126, not 127.")]
    [InlineData("\"rules\": {}", "\"rules\": { \"idCard\": { \"enabled\": false } }", "rules (line 11) let nobody in: switch idCard on, add to credentialGroups, or name healthCodes.passKeyFiles.")]
    [InlineData("\"kind\": \"sam-v\"", "\"kind\": \"line-scanner\"", "lanes[0].readers (line 6) read nothing that rules let in: resident ID cards need a sam-v, passes a line-scanner.")]
    [InlineData("\"rules\": {}", "\"rules\": { \"credentialGroups\": [ { \"name\": \"a\" } ] }", "rules.credentialGroups[0] (line 11) needs one of prefix and facility.")]
    [InlineData("\"rules\": {}", "\"rules\": { \"register\": {} }", "registers.persons is empty, but rules ask who is registered: name the lists that make a person known.")]
    [InlineData("\"rules\": {}", "\"registers\": { \"persons\": [ \"Residents\" ] }, \"rules\": {}", "registers.persons[0] (line 11) must be 1 to 32 lower-case letters, digits or hyphens.")]
    [InlineData("\"rules\": {}", "\"rules\": { \"homeRegions\": [ { \"flag\": \"outside\", \"regions\": [ \"hubei\" ] } ] }", "rules.homeRegions[0].regions[0] (line 11) must be 1 to 6 digits, the beginning of a region number, not \"hubei\".")]
    [InlineData("\"rules\": {}", "\"rules\": { \"watchLists\": [ { \"list\": \"a\" }, { \"list\": \"a\" } ] }", "rules.watchLists[1].list (line 11) is that of an earlier one: \"a\".")]
    [InlineData("\"rules\": {}", "\"rules\": { \"credentialGroups\": [ { \"name\": \"a\", \"prefix\": \"A\" }, { \"name\": \"a\", \"prefix\": \"B\" } ] }", "rules.credentialGroups[1].name (line 11) is the name of an earlier group: \"a\".")]
    [InlineData("\"rules\": {}", "\"rules\": { \"credentialGroups\": [ { \"name\": \"a\", \"prefix\": \"A\", \"from\": \"07:30\" } ] }", "rules.credentialGroups[0] (line 11) has only one of from and to: give both, or none for the whole day.")]
    [InlineData("\"rules\": {}", "\"rules\": { \"credentialGroups\": [ { \"name\": \"a\", \"prefix\": \"A\", \"from\": \"07:30\", \"to\": \"07:30\" } ] }", "rules.credentialGroups[0].to (line 11) must differ from \"from\"; leave both out for the whole day.")]
    [InlineData("\"rules\": {}", "\"rules\": { \"temperature\": { \"plausibleFrom\": 38 } }", "rules.temperature.maxCelsius (line 11) must lie between plausibleFrom (38) and plausibleTo (43.0), not at 37.3.")]
    [InlineData("\"rules\": {}", "\"rules\": { \"temperature\": { \"ambientFrom\": 40 } }", "rules.temperature.ambientFrom (line 11) must be lower than ambientTo (40.0), not 40.")]
    [InlineData("\"host\": \"localhost\"", "\"host\": \"localhost\", \"passwordFile\": \"/etc/p\"", "broker.passwordFile (line 12) needs user beside it.")]
    [InlineData("\"host\": \"localhost\"", "\"host\": \"localhost\", \"tls\": { \"enabled\": true, \"clientKeyFile\": \"/etc/k\" }", "broker.tls (line 12) has only one of clientCertificateFile and clientKeyFile: the gate needs both, or none.")]
    [InlineData("\"host\": \"localhost\"", "\"host\": \"localhost\", \"tls\": { \"caFile\": \"/etc/ca\" }", "broker.tls (line 12) names files but is not switched on: set enabled to true.")]
    public void A_fault_is_one_sentence(string written, string instead, params string[] sentences) =>
        Assert.Equal(sentences, Faults(Parse(With(written, instead))));

    [Fact]
    public void All_faults_come_at_once_in_the_order_of_the_file()
    {
        var faults = Faults(Parse("""
            {
              "site": "Estate",
              "lanes": [{ "id": "lane-1", "direction": "up", "windw": "00:00:05",
              "readers": [ { "kind": "sam-v", "id": "x", "port": 3 }, 7 ],
              "portal": { "id": "door", "kind": "lcus-1", "port": "/dev/serial/by-id/c", "channel": 9, "channel": 8 } }],
              "rules": { "temperature": { "maxCelsius": 42, "plausibleTo": 41 } },
              "journal": { "retentionDays": 0 },
            }
            """));

        Assert.Equal(
            [
                "channel (line 5) is given twice, first on line 5.",
                "site (line 2) must be 1 to 32 lower-case letters, digits or hyphens, beginning with a letter or digit, not \"Estate\".",
                "lanes[0].direction (line 3) must be one of entry, exit, not \"up\".",
                "lanes[0].windw (line 3) is not a setting; did you mean window?",
                "lanes[0].readers[0].port (line 4) must be text in double quotes, not 3.",
                "lanes[0].readers[1] (line 4) must be an object { … }, not 7.",
                "lanes[0].portal.channel (line 5) must be from 1 to 8, not 9.",
                "journal.retentionDays (line 7) must be from 1 to 3650, not 0.",
                "gate is missing. Short name of this gate, unique within the site; part of every topic and record.",
                "dataDirectory is missing. Directory for the journal and the keys the gate makes for itself.",
                "rules.temperature.maxCelsius (line 6) must lie between plausibleFrom (32.0) and plausibleTo (41), not at 42.",
            ],
            faults);
    }

    [Fact]
    public void A_second_lane_has_a_name_and_devices_of_its_own() =>
        Assert.Equal(
            [
                "lanes[1].id (line 10) must differ from that of lanes[0]: both are \"lane-1\".",
                "lanes[1].readers[0].id (line 10) must differ from that of lanes[0].portal: both are \"door\".",
                "lanes[1].portal.port (line 10) must differ from that of lanes[0].portal: a serial port serves one device.",
            ],
            Faults(Parse(With("\"port\": \"/dev/serial/by-id/c\" } }],", """
                "port": "/dev/serial/by-id/c" } }, { "id": "lane-1", "direction": "exit", "evidence": ["identity"], "readers": [{ "id": "door", "kind": "sam-v", "port": "/dev/x" }], "portal": { "id": "way-out", "kind": "text", "port": "/dev/serial/by-id/c" } }],
                """.Trim()))));

    [Fact]
    public void A_gate_without_a_lane_is_a_fault() =>
        Assert.Contains("EDGEGATE_LANES", Assert.Single(Faults(Parse(Text, ("EDGEGATE_LANES", "[]")))), StringComparison.Ordinal);

    [Fact]
    public void A_misspelt_section_is_not_called_missing_as_well() =>
        Assert.Equal(
            ["lanes[0].thermometr (line 9) is not a setting; did you mean thermometer?"],
            Faults(Parse(With("\"thermometer\"", "\"thermometr\""))));

    [Theory, InlineData("http://localhost:8080/"), InlineData("http://127.0.0.1"), InlineData("http://[::1]:80")]
    public void The_kiosk_page_may_be_served_to_this_machine(string address) =>
        IsValid(Parse(With("\"rules\": {}", $"\"web\": {{ \"address\": \"{address}\" }}")));

    [Theory] // Kestrel binds every host name but localhost to all interfaces
    [InlineData("http://loopback:8080"), InlineData("http://*:8080"), InlineData("http://0.0.0.0:8080"), InlineData("http://127.0.0.1.example:80")]
    [InlineData("http://localhost:70000"), InlineData("http://localhost:8080/kiosk"), InlineData("https://localhost"), InlineData("http://a@localhost")]
    public void The_kiosk_page_is_not_served_to_others(string address) =>
        Assert.StartsWith("web.address (line 11) must be ", Assert.Single(Faults(Parse(With("\"rules\": {}", $"\"web\": {{ \"address\": \"{address}\" }}")))), StringComparison.Ordinal);

    [Theory]
    [InlineData("/dev/serial/by-id/a", "/dev/ttyUSB0", "lanes[0].readers[0].port (line 7) may be another device after the next start: use its name under /dev/serial/by-id, or usb.")]
    [InlineData(", \"conversion\": { \"gain\": 0.1 }", "", "lanes[0].thermometer.conversion (line 9) is left out: what is measured on the skin, which is cooler than the body, is compared with maxCelsius as it is.")]
    [InlineData("\"direction\": \"entry\"", "\"direction\": \"entry\", \"evidence\": [\"identity\"]", "lanes[0].thermometer (line 9) is not used: evidence does not ask for temperature.")]
    [InlineData("\"readers\": [", "\"readers\": [ { \"id\": \"s\", \"kind\": \"osdp\", \"address\": 1, \"port\": \"/dev/pts/3\" },", "lanes[0].readers[0].keyFile (line 6) is left out: whoever has the cable can read cards and show some that are not there.")]
    [InlineData("\"readers\": [", "\"readers\": [ { \"id\": \"s\", \"kind\": \"line-scanner\", \"port\": \"/dev/pts/3\" },", "rules.credentialGroups (line 11) is empty: every scanned pass is refused.")]
    [InlineData("\"broker\": { \"host\": \"localhost\" },", "", "broker is left out: records are kept at the gate and sent nowhere.")]
    [InlineData("\"host\": \"localhost\"", "\"host\": \"b.example\", \"user\": \"u\", \"passwordFile\": \"/etc/p\"", "broker.passwordFile (line 12) crosses the network in the clear: switch broker.tls on.")]
    public void What_is_worth_a_second_look_is_a_note(string written, string instead, string sentence) =>
        Assert.Equal([sentence], Notes(Parse(With(written, instead))));

    [Fact]
    public void A_kind_may_stand_after_the_settings_it_brings() =>
        Assert.Equal(3, Assert.IsType<LcusPortalSettings>(IsValid(Parse(With("\"kind\": \"lcus-1\"", "\"channel\": 3, \"kind\": \"lcus-1\""))).Settings.Lanes[0].Portal).Channel);

    [Fact]
    public void What_is_quoted_is_short_and_keys_of_any_length_are_harmless()
    {
        var fault = Assert.Single(Faults(Parse(With("\"estate\"", $"\"{new string('x', 100_000)}\""))));
        Assert.EndsWith(", not \"" + new string('x', 59) + "….", fault, StringComparison.Ordinal);
        Assert.True(Assert.Single(Faults(Parse(With("\"rules\"", $"\"rules\": {{}}, \"{new string('x', 100_000)}\"")))).Length < 300);
    }
}
