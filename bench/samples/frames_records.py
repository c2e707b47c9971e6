"""Structured texts of many makes: forms, tables, dumps, messages, logs; and credentials in them.

The keys are as people of several countries write them, whole and cut short. By language, whose
people and places the values are. Rules were written with these in view.
"""

from __future__ import annotations

from typing import Final

RECORDS: Final = {
    "en": (
        "<table>\n <thead><tr><th>#</th><th>Traveller</th><th>DOB</th><th>Passport</th><th>Fare</th></tr></thead>\n <tbody>\n  <tr><td>1</td><td>{person}</td><td>{birth}</td><td>{passport}</td><td>{amount}</td></tr>\n  <tr><td>2</td><td>{person}</td><td>{birth}</td><td>{passport}</td><td>{amount}</td></tr>\n </tbody>\n</table>",
        "<dl class=\"row\">\n <dt>Policy holder</dt>\n <dd>{person}</dd>\n <dt>Mobile</dt>\n <dd>{phone}</dd>\n <dt>Status</dt>\n <dd>Active</dd>\n <dt>National insurance no.</dt>\n <dd>{nino}</dd>\n</dl>",
        "<form method=\"post\"><label for=\"f1\">Surname</label> <input id=\"f1\" type=\"text\" value=\"{last}\"><br><label for=\"f2\">Town</label> <input id=\"f2\" value=\"{city}\"><label for=\"f3\">Voucher</label><input id=\"f3\" value=\"{sku}\"></form>",
        "INSERT INTO guests (g_id, fname, lname, dob, tel, room_no) VALUES\n({number}, '{first}', '{last}', '{birth}', '{phone}', {number}),\n({number}, '{first}', '{last}', '{birth}', NULL, {number});",
        "CREATE TABLE `members` (\n  `id` int NOT NULL AUTO_INCREMENT,\n  `given` varchar(40),\n  `family_name` varchar(40),\n  `mail` varchar(120) DEFAULT NULL,\n  `created` datetime,\n  PRIMARY KEY (`id`)\n);\nINSERT INTO `members` VALUES (1,'{first}','{last}','{email}','{day} 10:22:01'),(2,'{first}','{last}','{email}','{day} 11:02:44');",
        "COPY hr.staff (emp_no, surname, forename, iban, grade) FROM stdin;\n{number}\t{last}\t{first}\t{iban}\tB2\n{number}\t{last}\t{first}\t{iban}\tC1\n\\.\n",
        "{{\"msg\":\"upstream body\",\"raw\":\"{{\\\"cust\\\":{{\\\"fullName\\\":\\\"{person}\\\",\\\"dob\\\":\\\"{birth}\\\",\\\"mobileNo\\\":\\\"{phone}\\\"}},\\\"txn\\\":\\\"{uuid}\\\"}}\",\"level\":\"debug\"}}",
        "May 11 10:22:01 web-03 shop[2211]: INFO order=4711 buyer.name=\"{person}\" buyer.mail={email} addr=\"{street}, {city}\" took=12ms",
        "2024-05-11 10:22:01,331 DEBUG [worker-3] c.a.crm.Merge - merging Contact(id={number}, first={first}, last={last}, town={city}, phone={phone}) into Contact(id={number})",
        "POST /v2/members HTTP/1.1\nHost: api.example.com\nUser-Agent: okhttp/4.9.3\nX-Forwarded-For: {ipv4}\nX-User-Email: {email}\nContent-Type: application/x-www-form-urlencoded\n\nfirst_name={first}&last_name={last}&msisdn={phone_bare}&plan=gold",
        "GET /search?q=umbrella&lang=en&surname={last}&post+code={postcode_plus}&page=2 HTTP/1.1\nHost: www.example.com\nAccept: */*\n",
        "<Invoice xmlns=\"urn:x\"><cbc:ID>{number}</cbc:ID><cac:Party><cac:PartyName><cbc:Name>{person}</cbc:Name></cac:PartyName><cac:PostalAddress><cbc:StreetName>{street}</cbc:StreetName><cbc:CityName>{city}</cbc:CityName><cbc:PostalZone>{postcode}</cbc:PostalZone></cac:PostalAddress><cac:Contact><cbc:Telephone>{phone}</cbc:Telephone></cac:Contact></cac:Party></Invoice>",
        "<customers><customer id=\"{number}\" fullName=\"{person}\" e-mail=\"{email}\" ssn=\"{ssn}\"/><customer id=\"{number}\" fullName=\"{person}\" e-mail=\"{email}\" ssn=\"{ssn}\"/></customers>",
        "<note><![CDATA[Caller {person}, born {birth}, asks for a new card.]]></note><priority>2</priority>",
        "[personal]\nfull_name = {person}\nbirth_date = {birth}\n\n[contact]\nmobile = {phone}\nhome_address = {street}, {city}\n\n[app]\ntheme = dark\nretries = 3\n",
        "app.owner.name={person}\napp.owner.email={email}\napp.server.port=8443\napp.support.phone={phone}\nlogging.level.root=INFO\n",
        "firstName\tmiddleName\tlastName\tmaidenName\tNI_NUMBER\tgrade\n{first}\t{first}\t{last}\t{last}\t{nino}\tA\n{first}\t{first}\t{last}\t{last}\t{nino}\tC\n",
        "Traceback (most recent call last):\n  File \"/srv/app/users.py\", line 88, in save\n    db.execute(sql, params)\nIntegrityError: duplicate key value violates unique constraint \"users_email_key\"\nDETAIL:  Key (email)=({email}) already exists.\n",
        "java.lang.IllegalArgumentException: no account for Customer[name={person}, dateOfBirth={birth}, phone={phone}]\n\tat com.acme.crm.Accounts.find(Accounts.java:118)\n\tat java.base/java.lang.Thread.run(Thread.java:840)\n",
        "[11/05/2024, 10:22] {person}: can you send it to {street}, {city}?\n[11/05/2024, 10:23] {person}: sure. ring me on {phone}\n",
        "{{\"resourceType\":\"RelatedPerson\",\"name\":[{{\"use\":\"official\",\"family\":\"{last}\",\"given\":[\"{first}\",\"{first}\"]}}],\"telecom\":[{{\"system\":\"email\",\"value\":\"{email}\"}},{{\"system\":\"phone\",\"value\":\"{phone}\"}}],\"gender\":\"female\"}}",
        "| Field | Value |\n|---|---|\n| Claimant | {person} |\n| Date of birth | {birth} |\n| Claim type | Windscreen |\n| Reg. plate | {plate} |\n",
        "{{\"headers\":[\"Given\",\"Family\",\"Birthday\",\"Tier\"],\"data\":[[\"{first}\",\"{last}\",\"{birth}\",\"gold\"],[\"{first}\",\"{last}\",\"{birth}\",\"silver\"]]}}",
        "{{\"addr\":{{\"houseNo\":\"{house}\",\"streetName\":\"{street_name}\",\"townCity\":\"{city}\",\"postCode\":\"{postcode}\"}},\"occupants\":[{{\"forename\":\"{first}\",\"surname\":\"{last}\"}}]}}",
        "type=USER_LOGIN msg=audit(1715422921.331:4711): pid=2211 uid=0 acct=\"{username}\" exe=\"/usr/sbin/sshd\" hostname=web-03 addr={ipv4} terminal=ssh res=failed",
        "node=worker-2 user={username} client={ipv4} action=download object=s3://bucket/2024/report.csv status=200 bytes=8812",
        "{{\"kind\":\"Event\",\"user\":{{\"username\":\"{username}\",\"groups\":[\"system:authenticated\"]}},\"sourceIPs\":[\"{ipv4}\"],\"verb\":\"delete\",\"objectRef\":{{\"resource\":\"pods\",\"name\":\"checkout-7d9f8-x2x\"}}}}",
    ),
    "de": (
        "{{\"kunde\":{{\"vorname\":\"{first}\",\"nachname\":\"{last}\",\"gebDatum\":\"{birth}\",\"steuerId\":\"{steuer_id}\"}},\"bestellNr\":\"{number}\",\"betrag\":{amount}}}",
        "PersNr;Name;Vorname;Strasse;HausNr;PLZ;Ort;SVNr\n{number};{last};{first};{street_name};{house};{postcode};{city};{rvnr}\n",
        "ansprechpartner: {person}\nrufnummer: {phone}\nanschrift:\n  strasse: {street}\n  plz: {postcode}\n  ort: {city}\nmandant: 100\n",
    ),
    "fr": (
        "<adherent><nom>{last}</nom><prenom>{first}</prenom><dateNaissance>{birth}</dateNaissance><numSecu>{nir}</numSecu><formule>Confort</formule></adherent>",
        "INSERT INTO clients (id, nom, prenom, tel_portable, adresse, code_postal, ville) VALUES ({number}, '{last}', '{first}', '{phone}', '{street}', '{postcode}', '{city}');",
    ),
    "es": (
        "{{\"titular\":{{\"nombre\":\"{first}\",\"apellidos\":\"{last}\",\"nif\":\"{dni}\",\"fechaNac\":\"{birth}\",\"movil\":\"{phone}\"}},\"pedido\":\"{number}\"}}",
        "nombre|primer_apellido|correo|domicilio|municipio|importe\n{first}|{last}|{email}|{street}|{city}|{amount}\n",
    ),
    "it": (
        "<assicurato cognome=\"{last}\" nome=\"{first}\" codFisc=\"{cf}\" dataNascita=\"{birth}\" comuneResidenza=\"{city}\"/>",
    ),
    "nl": (
        "{{\"voornaam\":\"{first}\",\"achternaam\":\"{last}\",\"geboortedatum\":\"{birth}\",\"bsn\":\"{bsn}\",\"postcode\":\"{postcode}\",\"woonplaats\":\"{city}\",\"polis\":\"{number}\"}}",
    ),
    "pt": (
        "nome_completo={person} cpf={cpf} data_nasc={birth} celular=\"{phone}\" status=ativo",
    ),
    "pl": (
        "{{\"imie\":\"{first}\",\"nazwisko\":\"{last}\",\"pesel\":\"{pesel}\",\"dataUrodzenia\":\"{birth}\",\"telKom\":\"{phone}\",\"nrZamowienia\":\"{number}\"}}",
    ),
}  # fmt: skip

CREDENTIALS: Final = (
    "version: '3.8'\nservices:\n  web:\n    image: shop:1.4.2\n    environment:\n      SECRET_KEY: {opaque}\n      MYSQL_ROOT_PASSWORD: {password_plain}\n      LOG_LEVEL: info\n",
    "resource \"aws_db_instance\" \"main\" {{\n  engine   = \"postgres\"\n  username = \"{username}\"\n  password = \"{password_plain}\"\n  port     = 5432\n}}\n",
    "diff --git a/config.py b/config.py\n@@ -1,3 +1,3 @@\n-API_TOKEN = \"{opaque}\"\n+API_TOKEN = os.environ[\"API_TOKEN\"]\n DEBUG = False\n",
    "  412  export AWS_SECRET_ACCESS_KEY={aws_secret}\n  413  terraform plan -out x.plan\n  414  psql \"postgresql://{username}:{url_password}@db.internal/shop\"\n  415  ls -la\n",
    "[2024-05-11T10:22:01Z] + docker login -u {username} -p {password_plain} registry.example.com\n[2024-05-11T10:22:03Z] Login Succeeded\n",
    "Server=tcp:sql01.example.com,1433;Initial Catalog=shop;User ID={username};Password={password_plain};Encrypt=True;",
    "jdbc:mysql://db.internal:3306/shop?user={username}&password={password_url}&useSSL=true",
    "{{\"type\":\"service_account\",\"project_id\":\"shop-1\",\"private_key_id\":\"{hex}\",\"token_uri\":\"https://oauth2.example.com/token\",\"client_secret\":\"{hex_secret}\"}}",
    "machine git.example.com\n  login {username}\n  password {password_plain}\n",
    "<connectionStrings><add name=\"Db\" connectionString=\"Data Source=db;User Id={username};Pwd={password_plain};\" /></connectionStrings>",
    "const cfg = {{ apiKey: '{opaque}', region: 'eu-west-1', timeoutMs: 3000 }};\n",
    "$ curl -u {username}:{url_password} https://api.example.com/v1/me\n",
    "HTTP/1.1 302 Found\nLocation: https://app.example.com/cb?code=42&access_token={opaque}&token_type=bearer\nSet-Cookie: session={opaque}; Path=/\n",
    "kubectl create secret generic db --from-literal=password={password_plain} --from-literal=host=db.internal\n",
    "The build uses image sha256:{hex} and commit {hex}; token count 4096, password length 12.\n",
    "def rotate(secret_name, key_id):\n    secret = client.get_secret_value(SecretId=secret_name)\n    return secret['SecretString']\n",
)  # fmt: skip
