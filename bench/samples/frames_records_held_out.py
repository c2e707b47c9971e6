"""Structured texts of other makes than those in `frames_records.py`: measured, never tuned to.

Whoever mends a rule because of a frame here moves it there and writes another.
"""

from __future__ import annotations

from typing import Final

RECORDS: Final = {
    "en": (
        "<table class=\"t\"><tr><th scope=\"row\">Applicant</th><td>{person}</td></tr><tr><th scope=\"row\">Cell</th><td>{phone}</td></tr><tr><th scope=\"row\">Loan</th><td>{amount}</td></tr></table>",
        "<ul><li><b>Tenant:</b> {person}</li><li><b>E-mail:</b> {email}</li><li><b>Rent:</b> {amount}</li><li><b>Born:</b> {birth}</li></ul>",
        "<div><label>Last name<input name=\"q7\" value=\"{last}\"></label><label>Phone<input name=\"q8\" value=\"{phone}\"></label><label>Coupon<input name=\"q9\" value=\"{sku}\"></label></div>",
        "<tr><td>Pickup</td><td>Rider</td><td>Rider phone</td></tr><tr><td>{street}</td><td>{person}</td><td>{phone}</td></tr>",
        "INSERT INTO \"Leads\" (\"LeadId\",\"ContactName\",\"Work_Email\",\"Zip\",\"Stage\") VALUES ({number},N'{person}',N'{email}','{postcode}','qualified');",
        "INSERT IGNORE INTO subscribers SET email='{email}', first_nm='{first}', last_nm='{last}', list_id={number};",
        "MERGE INTO patients p USING (SELECT '{mrn}' AS mrn, '{last}' AS last_name, DATE '{day}' AS admitted) s ON (p.mrn = s.mrn) WHEN MATCHED THEN UPDATE SET p.last_name = s.last_name",
        "SELECT id, total FROM invoices WHERE bill_to_name = '{person}' AND bill_to_email <> '{email}' AND status IN ('open','late') ORDER BY id",
        "DELETE FROM sessions WHERE client_ip = '{ipv4}' AND username = '{username}';",
        "--\n-- Data for Name: contact; Type: TABLE DATA\n--\nCOPY public.contact (id, full_name, phone_e164, birthday, vip) FROM stdin;\n1\t{person}\t{phone_bare}\t{day}\tf\n2\t{person}\t{phone_bare}\t{day}\tt\n\\.\n",
        "{{\"event\":\"webhook.received\",\"payload\":\"{{\\\"object\\\":\\\"lead\\\",\\\"contact\\\":{{\\\"given_nm\\\":\\\"{first}\\\",\\\"surname\\\":\\\"{last}\\\",\\\"e_mail\\\":\\\"{email}\\\"}},\\\"score\\\":71}}\"}}",
        "[[\"row\",\"guest_name\",\"guest_email\",\"nights\"],[1,\"{person}\",\"{email}\",3],[2,\"{person}\",\"{email}\",1]]",
        "{{\"applicant.name.first\":\"{first}\",\"applicant.name.last\":\"{last}\",\"applicant.ssn\":\"{ssn}\",\"applicant.addr.line_1\":\"{street}\",\"applicant.addr.town\":\"{city}\",\"decision\":\"REFER\"}}",
        "{{\"items\":[{{\"key\":\"PassengerSurname\",\"val\":\"{last}\"}},{{\"key\":\"PassengerGivenName\",\"val\":\"{first}\"}},{{\"key\":\"FareBasis\",\"val\":\"{sku}\"}},{{\"key\":\"ContactTel\",\"val\":\"{phone}\"}}]}}",
        "I0511 10:22:01.331456   1 controller.go:114] \"Synced\" user=\"{username}\" remote=\"{ipv4}:51034\" pod=\"shop/checkout-7d9f8b6c4-x2x8v\" duration=\"12ms\"",
        "<165>1 {stamp} fw01 vpnd 771 ID47 [auth@32473 user=\"{username}\" src=\"{ipv4}\" method=\"cert\"] tunnel established",
        "10:22:01.331 [nio-8080-exec-7] WARN  o.a.c.h.Validator - rejected: Applicant{{fullName='{person}', birthDate={day}, email='{email}', score=12}}",
        "{ipv4} - {username} [11/May/2024:10:22:01 +0000] \"PUT /api/people/{number} HTTP/2.0\" 204 0 \"https://crm.example.com/edit?mail={email}\" \"Mozilla/5.0 (X11; Linux x86_64)\"",
        "From: \"{person}\" <{email}>\nTo: {person} <{email}>\nDate: Sat, 11 May 2024 10:22:01 +0000\nMessage-ID: <{hex}@mail.example.com>\nSubject: Viewing on Monday\n\nHi {first},\n\nMonday at ten is fine. The flat is at {street}.\n\n--\n{person}\nLettings\nM: {phone}\n",
        "Ticket: HD-{number}\nOpened by: {person}\nCallback: {phone}\nAsset: LT-{number}\nSummary: cannot print\nResolution: driver 3.2.1 installed on print server ps-02\n",
        "BEGIN:VCARD\nVERSION:4.0\nFN:{person}\nN:{last};{first};;;\nORG:Example Ltd\nTEL;TYPE=work,voice:{phone}\nADR;TYPE=work:;;{street};{city};;{postcode};\nBDAY:{birth_compact}\nEND:VCARD\n",
        "ISA*00*          *00*          *ZZ*SUBMITTER      *ZZ*RECEIVER       *240511*1022*^*00501*000000001*0*P*:~GS*HC*S*R*20240511*1022*1*X*005010X222A1~ST*837*0001~NM1*IL*1*{last_upper}*{first_upper}****MI*{member_id}~N3*{street_upper}~DMG*D8*{birth_compact}*F~SE*5*0001~",
        "MSH|^~\\&|ADT|WARD|EHR|HQ|202405111022||ADT^A08|{number}|P|2.5.1\rPID|1||{mrn}^^^HQ^MR||{last}^{first}^^^Mr||{birth_compact}|M|||{street}^^{city}^^{postcode}||{phone}\rNK1|1|{last}^{first}|SPO||{phone}\r",
        "| Owner | Vehicle | VRM | Home tel |\n| :-- | :-- | :-: | --: |\n| {person} | Golf 1.4 | {plate_uk} | {phone} |\n| {person} | Clio | {plate_uk} | {phone} |\n",
        "Exception in thread \"main\" javax.validation.ConstraintViolationException: person.email: must be well-formed [value={email}], person.nino: invalid [value={nino}]\n\tat org.acme.Check.run(Check.java:41)\n",
        "user.first-name: {first}\nuser.last-name: {last}\nuser.national-id: {aadhaar_bare}\nspring.profiles.active: prod\nserver.host: app-01.prod.internal\n",
        "{{\"taxpayer\":{{\"itin\":\"{itin_bare}\",\"ein\":\"{ein}\",\"lgl_nm\":\"{person}\",\"ph_no\":\"{phone}\"}},\"form\":\"W-7\",\"yr\":2023}}",
        "{{\"driver\":{{\"nm\":\"{person}\",\"lic_no\":\"{licence}\",\"lic_state\":\"TX\",\"d_o_b\":\"{birth}\"}},\"vehicle\":{{\"vin_no\":\"{vin}\",\"make\":\"Ford\",\"trim\":\"XLT\"}}}}",
        "{{\"medicareNo\":\"{mbi}\",\"nhsNumber\":\"{nhs}\",\"surname\":\"{last}\",\"initials\":\"{initials}\",\"ward\":\"7A\",\"triage\":3}}",
    ),
    "de": (
        "<Versicherter><Familienname>{last}</Familienname><Rufname>{first}</Rufname><GebDat>{birth}</GebDat><Anschrift><Str>{street}</Str><PLZ>{postcode}</PLZ><Wohnort>{city}</Wohnort></Anschrift><Tarif>T4</Tarif></Versicherter>",
        "{{\"mitarbeiter\":[{{\"persNr\":\"{number}\",\"anrede\":\"Frau\",\"name\":\"{person}\",\"svNummer\":\"{rvnr}\",\"iban\":\"{iban}\",\"telefonMobil\":\"{phone}\"}}]}}",
        "INSERT INTO kunden (kdnr, name1, vorname, geburtsdatum, ort) VALUES ('{number}','{last}','{first}','{day}','{city}');",
    ),
    "fr": (
        "{{\"salarie\":{{\"nomNaissance\":\"{last}\",\"prenoms\":\"{first}\",\"neLe\":\"{birth}\",\"noSecu\":\"{nir}\",\"telPerso\":\"{phone}\"}},\"contrat\":\"CDI\"}}",
        "nom;prenom;courriel;rue;cp;commune;montant\n{last};{first};{email};{street};{postcode};{city};{amount}\n",
    ),
    "es": (
        "<cliente><nombreCompleto>{person}</nombreCompleto><dni>{dni}</dni><direccion><calle>{street}</calle><cp>{postcode}</cp><poblacion>{city}</poblacion></direccion><tfno>{phone}</tfno></cliente>",
        "paciente: {person}\nfec_nacimiento: {birth}\nnum_ss: {naf}\ntelefono_contacto: {phone}\nprioridad: 2\n",
    ),
    "it": (
        "{{\"anagrafica\":{{\"nomeCognome\":\"{person}\",\"cod_fiscale\":\"{cf}\",\"natoIl\":\"{birth}\",\"indirizzo\":\"{street}\",\"citta\":\"{city}\",\"cell\":\"{phone}\"}},\"pratica\":\"{number}\"}}",
    ),
    "nl": (
        "klantnaam,tel_mobiel,straatnaam,huisnr,woonplaats,bsn\n{person},{phone},{street_name},{house},{city},{bsn}\n",
    ),
    "pt": (
        "{{\"cliente\":{{\"nomeCliente\":\"{person}\",\"cpfCliente\":\"{cpf_bare}\",\"dtNascimento\":\"{birth}\",\"fone\":\"{phone}\"}},\"pedido\":\"{number}\"}}",
    ),
    "pl": (
        "imie_nazwisko;nr_pesel;data_ur;nr_tel;miejscowosc;kwota\n{person};{pesel};{birth};{phone};{city};{amount}\n",
    ),
}  # fmt: skip

CREDENTIALS: Final = (
    "spec:\n  containers:\n  - name: api\n    env:\n    - name: DB_PASS\n      value: {password_plain}\n    - name: STRIPE_KEY\n      value: {stripe}\n    - name: WORKERS\n      value: \"4\"\n",
    "{{\"db\":{{\"host\":\"db.internal\",\"user\":\"{username}\",\"pass\":\"{password_json}\"}},\"smtp\":{{\"auth\":{{\"user\":\"{username}\",\"pass\":\"{password_json}\"}}}}}}",
    "ansible_user={username} ansible_ssh_pass={password_plain} ansible_host=10.0.0.5 ansible_port=22\n",
    "$env:GITHUB_TOKEN = \"{github}\"\n$client.Timeout = 30\nSet-Location C:\\src\n",
    "sshpass -p '{password_plain}' ssh {username}@bastion.example.com uptime\n",
    "conn = psycopg2.connect(host='db', dbname='shop', user='{username}', password='{password_plain}', port=5432)\n",
    "amqp://{username}:{url_password}@mq.example.com:5672/%2Fprod\n",
    "2024-05-11T10:22:01Z DEBUG http: > POST /token grant_type=client_credentials&client_id=shop&client_secret={opaque}\n2024-05-11T10:22:01Z DEBUG http: < 200 {{\"access_token\":\"{jwt}\",\"expires_in\":3600}}\n",
    "Hi,\n\nyour account is ready. User: {username}\nTemporary password: {password_plain}\n\nPlease change it at first login.\nIT\n",
    "-----BEGIN OPENSSH PRIVATE KEY-----\n{key_body}\n-----END OPENSSH PRIVATE KEY-----\n",
    "[remote \"origin\"]\n\turl = https://oauth2:{github}@github.example.com/acme/shop.git\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n",
    "+    twilio_auth_token: \"{hex32}\"\n-    twilio_auth_token: \"{hex32}\"\n     twilio_region: ie1\n",
    "password123 is a bad password; use the reset link at https://example.com/reset and never share your PIN.\n",
    "SELECT user, authentication_string FROM mysql.user; -- rotates every 90 days, key version 7\n",
)  # fmt: skip
